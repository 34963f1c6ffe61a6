"""What every module is made of: parameters, names, hooks, states; and what all of nn uses: checks of settings, figures."""
