"""Preparing the models of a backtest, and running it."""
