package io.github.bytesandbrains.backoff.examples;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Stands for the client that your application has: HTTP, a socket, a message bus. */
interface Transport {

  /** A status as in HTTP, and the delay that the peer requested, if any. */
  record Reply(int status, Optional<Duration> retryAfter) {
    boolean isBusy() {
      return status == 429 || status == 503;
    }
  }

  /** Sends and waits for the reply, for {@code timeout} at most. */
  Reply send(String peer, Duration timeout) throws IOException;

  /** Sends; the stage completes with the reply. */
  CompletionStage<Reply> sendAsync(String peer);
}
