package io.github.bytesandbrains.backoff;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line of the table of numbers to reach.
 *
 * @param limit the number to reach; none if the row is there to be seen
 */
record Row(String name, @Nullable Limit limit) {

  /** At most so much, or at least. */
  record Limit(double value, boolean atLeast) {
    boolean holds(double measured) {
      return atLeast ? measured >= value : measured <= value;
    }

    @Override
    public String toString() {
      return (atLeast ? ">= " : "<= ")
          + String.format(Locale.ROOT, value >= 10 ? "%.0f" : "%.2f", value);
    }
  }

  static Row atMost(double limit, String name) {
    return new Row(name, new Limit(limit, false));
  }

  static Row atLeast(double limit, String name) {
    return new Row(name, new Limit(limit, true));
  }

  static Row shown(String name) {
    return new Row(name, null);
  }
}
