package io.github.bytesandbrains.backoff.demo.network;

/** Sends one request to a peer, and waits for the reply. Thread-safe. */
public interface Client {
  SendResult send(Peer peer) throws InterruptedException;
}
