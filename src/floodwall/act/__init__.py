"""Carries out commands; nothing else changes the system."""
