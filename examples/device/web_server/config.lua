-- Settings of the web server.
return {
  ssid = "home",
  password = "secret",
  port = 8080,
  chunk = 1024,
}
