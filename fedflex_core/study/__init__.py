"""The hall where the wings meet: who does what, in which order."""
