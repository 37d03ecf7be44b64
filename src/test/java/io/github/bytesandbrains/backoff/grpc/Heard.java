package io.github.bytesandbrains.backoff.grpc;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** What the listener of a call heard. */
class Heard extends ClientCall.Listener<String> {
  final List<String> messages = new CopyOnWriteArrayList<>();
  final CompletableFuture<Status> closed = new CompletableFuture<>();

  @Override
  public void onMessage(String message) {
    messages.add(message);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    closed.complete(status);
  }

  /** Waits for the end of the call. */
  Status status() throws Exception {
    return closed.get(10, TimeUnit.SECONDS);
  }
}
