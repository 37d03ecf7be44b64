package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import org.springframework.beans.factory.ObjectProvider;

/** Makes the named tables, for the bean definitions of {@link TableRegistrar}. */
final class TableFactory {
  static final String BEAN_NAME = "backoffTableFactory";

  private final ObjectProvider<BackoffTableBuilder> builders;
  private final BackoffProperties properties;

  TableFactory(ObjectProvider<BackoffTableBuilder> builders, BackoffProperties properties) {
    this.builders = builders;
    this.properties = properties;
  }

  ConcurrentBackoffTable<String> create(String name) {
    BackoffTableBuilder builder = builders.getObject();
    properties.configure(builder, name);
    return builder.build();
  }
}
