do_ping() {
  reply ping pong
}
