package io.github.bytesandbrains.backoff.redis;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is opened when it is needed, and closed when anything goes wrong: whatever the
 * options of the client say, no command waits in a queue for Redis, or is sent twice, and the next
 * connection leads to the primary of that time. Used by one thread, and closed by any.
 */
@SuppressWarnings("ReferenceEquality") // the very connection
final class OwnConnection {
  private final RedisClient client;
  private @Nullable StatefulRedisConnection<String, String> connection;
  private @Nullable AsyncCommand<String, String, ?> inFlight;
  private boolean closed;

  OwnConnection(RedisClient client) {
    this.client = client;
  }

  StatefulRedisConnection<String, String> open() {
    synchronized (this) {
      if (connection != null && connection.isOpen()) {
        return connection;
      }
    }
    drop();
    StatefulRedisConnection<String, String> opened = client.connect(StringCodec.UTF8);
    // Otherwise the client would reconnect by itself, and send the command in flight again.
    opened.addListener(new RedisConnectionStateListener() {
      @Override
      public void onRedisDisconnected(RedisChannelHandler<?, ?> disconnected) {
        drop(opened);
      }
    });
    synchronized (this) {
      connection = opened;
      if (closed) {
        drop();
        throw new RedisException("Closed");
      }
    }
    return opened;
  }

  /** Returns what Redis answers to a command, within a time. */
  <T> T call(Command<String, String, T> command, Duration timeout) {
    AsyncCommand<String, String, T> future = new AsyncCommand<>(command);
    try {
      StatefulRedisConnection<String, String> open = open();
      synchronized (this) {
        inFlight = future;
      }
      open.dispatch(future);
      return LettuceFutures.awaitOrCancel(future, timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RuntimeException e) {
      drop();
      throw e;
    }
  }

  private void drop() {
    var unused = closeConnection();
  }

  private synchronized void drop(StatefulRedisConnection<String, String> disconnected) {
    if (connection == disconnected) {
      drop();
    }
  }

  private synchronized CompletableFuture<Void> closeConnection() {
    StatefulRedisConnection<String, String> old = connection;
    connection = null;
    if (old == null) {
      return CompletableFuture.completedFuture(null);
    }
    if (inFlight != null) { // first, as closing would only cancel it
      inFlight.completeExceptionally(new RedisException("Connection lost"));
    }
    return old.closeAsync();
  }

  /** Closes it for good; a thread that waits for an answer gets an exception. */
  CompletableFuture<Void> close() {
    synchronized (this) {
      closed = true;
    }
    return closeConnection();
  }
}
