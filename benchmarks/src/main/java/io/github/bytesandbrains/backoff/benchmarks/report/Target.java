package io.github.bytesandbrains.backoff.benchmarks.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A row of the results. A ratio is named {@code operation / what it is compared with}.
 *
 * @param limit the number to reach; none if the row is only shown
 */
public record Target(String name, @Nullable Limit limit) {
  /** A bound, from above unless {@code atLeast}. */
  public record Limit(double value, boolean atLeast) {
    boolean isMet(double measured) {
      return atLeast ? measured >= value : measured <= value;
    }

    @Override
    public String toString() {
      return (atLeast ? ">= " : "<= ")
          + String.format(Locale.ROOT, value >= 10 ? "%.0f" : "%.2f", value);
    }
  }

  public static Target atMost(double limit, String name) {
    return new Target(name, new Limit(limit, false));
  }

  public static Target atLeast(double limit, String name) {
    return new Target(name, new Limit(limit, true));
  }

  /** At most the limit if there is one. */
  public static Target of(@Nullable Double limit, String name) {
    return limit == null ? new Target(name, null) : atMost(limit, name);
  }
}
