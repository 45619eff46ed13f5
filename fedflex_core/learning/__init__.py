"""What is learned from ratings: the model, a local update, its noise, and a federated round. Arrays only."""
