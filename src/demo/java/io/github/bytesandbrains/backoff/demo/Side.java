package io.github.bytesandbrains.backoff.demo;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One of the two that are compared.
 *
 * @param policies makes a policy for each worker
 * @param cooling looks at the table, if there is one
 */
record Side(String name, Supplier<Policy> policies, Supplier<@Nullable Cooling> cooling) {
  static final Side WITHOUT_TABLE =
      new Side("without the table", () -> Policy.WITHOUT_TABLE, () -> null);
}
