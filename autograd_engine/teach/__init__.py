"""Exercises that name the mistake: write a derivative engine piece by piece, each piece checked."""
