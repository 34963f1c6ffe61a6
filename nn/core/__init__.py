"""What every module is made of: parameters, names, hooks, states; and what all of nn shares: checks, figures."""
