package io.github.bytesandbrains.backoff.benchmarks.impl;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;

/**
 * Copies of a class that holds a loop. HotSpot profiles and compiles each copy on its own. If
 * several implementations shared one loop, calls in it could no longer be inlined.
 */
final class LoopCopies {
  private LoopCopies() {}

  /** An instance of a new copy of the template. */
  static <T> T copy(Class<T> type, Class<? extends T> template) {
    String file = template.getName().replaceFirst(".*\\.", "") + ".class";
    try (InputStream in = template.getResourceAsStream(file)) {
      Class<?> copy =
          MethodHandles.lookup().defineHiddenClass(in.readAllBytes(), true).lookupClass();
      return type.cast(copy.getDeclaredConstructor().newInstance());
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
