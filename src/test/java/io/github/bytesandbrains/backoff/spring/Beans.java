package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import org.springframework.beans.factory.BeanFactory;

/** Beans by name, of the type that the test knows. */
final class Beans {
  private Beans() {}

  @SuppressWarnings("unchecked")
  static <P> ConcurrentBackoffTable<P> table(BeanFactory beans, String name) {
    return (ConcurrentBackoffTable<P>) beans.getBean(name, ConcurrentBackoffTable.class);
  }
}
