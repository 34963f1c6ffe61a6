"""What every module is made of: parameters, names, hooks, states; and checks of settings."""
