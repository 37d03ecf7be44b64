package io.github.bytesandbrains.backoff.demo.network;

import io.github.bytesandbrains.backoff.http.PeerCoolingIOException;
import io.github.bytesandbrains.backoff.http.RetryHints;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;

/** Sends each request by an {@link HttpClient}, which may ask a table before. */
public final class HttpPeerClient implements Client {
  private final HttpClient client;
  private final Duration timeout;

  /** The timeout is for the connection and the reply together. */
  public HttpPeerClient(HttpClient client, Duration timeout) {
    this.client = client;
    this.timeout = timeout;
  }

  @Override
  public SendResult send(Peer peer) throws InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(peer.uri()).timeout(timeout).build();
    try {
      HttpResponse<Void> response = client.send(request, BodyHandlers.discarding());
      return response.statusCode() == 200
          ? SendResult.SERVED
          : RetryHints.retryAfter(response.headers(), Instant.now())
              .map(SendResult::busy)
              .orElse(SendResult.BROKEN);
    } catch (PeerCoolingIOException e) {
      return SendResult.spared(e.remaining());
    } catch (ConnectException e) {
      return SendResult.REFUSED;
    } catch (HttpTimeoutException e) {
      return SendResult.TIMED_OUT;
    } catch (IOException e) {
      return SendResult.BROKEN;
    }
  }
}
