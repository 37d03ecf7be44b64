package io.github.bytesandbrains.backoff;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.BackoffListener.Change;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The listeners of a table. No listener's fault reaches a caller or another listener. */
final class Listeners<P> {
  private static final System.Logger LOGGER =
      System.getLogger(ConcurrentBackoffTable.class.getPackageName());

  private final List<Registration> registrations = new CopyOnWriteArrayList<>();

  /** One listener, once for each time that it was added. */
  private final class Registration implements AutoCloseable {
    private final BackoffListener<? super P> listener;

    Registration(BackoffListener<? super P> listener) {
      this.listener = requireNonNull(listener, "listener");
    }

    @Override
    public void close() {
      registrations.remove(this);
    }
  }

  AutoCloseable add(BackoffListener<? super P> listener) {
    Registration registration = new Registration(listener);
    registrations.add(registration);
    return registration;
  }

  boolean isEmpty() {
    return registrations.isEmpty();
  }

  void changed(P peer, Change change, BackoffState state) {
    for (Registration registration : registrations) {
      try {
        registration.listener.changed(peer, change, state);
      } catch (Throwable e) { // not the caller's, whose outcome is recorded already
        LOGGER.log(System.Logger.Level.WARNING, "A backoff listener failed on " + change, e);
      }
    }
  }
}
