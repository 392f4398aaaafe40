"""The account for terminals, programs, browsers and spreadsheets."""
