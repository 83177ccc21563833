"""The pages: server-rendered HTML, Chinese first, usable without JavaScript and on a phone."""
