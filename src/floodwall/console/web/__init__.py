"""The console in the browser: a server that shows and files requests, and its pages."""
