"""The replay: real residents' messages through the whole loop, with simulated staff and residents."""
