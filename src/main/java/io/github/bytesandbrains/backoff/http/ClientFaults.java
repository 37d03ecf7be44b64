package io.github.bytesandbrains.backoff.http;

import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Exceptions by which the JDK's client reports what is not the fault of the peer. */
final class ClientFaults {
  private static final Set<String> MESSAGES =
      Set.of("too many concurrent streams", "No credentials provided");
  private static final String WRONG_CREDENTIALS = "too many authentication attempts";
  private static final String NO_CHALLENGE = "-Authenticate header missing for response code";

  private ClientFaults() {}

  /** Whether an {@link IOException} with that message is one. */
  static boolean isNamedBy(@Nullable String message) {
    return message != null
        && (MESSAGES.contains(message)
            || message.startsWith(WRONG_CREDENTIALS)
            || message.contains(NO_CHALLENGE));
  }

  /** What the client caught and wrapped, if that is unchecked; otherwise {@code thrown}. */
  static Throwable unwrapped(Throwable thrown) {
    Throwable cause = thrown;
    for (int i = 0; i < 16 && cause != null && cause.getClass().equals(IOException.class); i++) {
      cause = cause.getCause();
    }
    return cause instanceof RuntimeException || cause instanceof Error ? cause : thrown;
  }
}
