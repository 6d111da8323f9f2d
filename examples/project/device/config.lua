LAMP, BUTTON = 4, 3
HUB = "hub.example.org"
RETRY = 200 -- ms
