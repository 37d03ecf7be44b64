package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.ResolvableType;

/** Makes the named tables, for the bean definitions of {@link TableRegistrar}. */
final class TableFactory {
  static final String BEAN_NAME = "backoffTableFactory";

  private static final ResolvableType OF_STRINGS =
      ResolvableType.forClassWithGenerics(ConcurrentBackoffTable.class, String.class);

  private final ObjectProvider<BackoffTableBuilder> builders;
  private final BackoffProperties properties;
  private @Nullable BackoffTableBuilder previous;

  TableFactory(ObjectProvider<BackoffTableBuilder> builders, BackoffProperties properties) {
    this.builders = builders;
    this.properties = properties;
  }

  /** Whether the peers of a table are declared as strings; those of a raw type may be anything. */
  static boolean isOfStrings(BeanFactory beanFactory, String name) {
    return beanFactory.isTypeMatch(name, OF_STRINGS);
  }

  /** Not injected, because Spring would inject the tables of a raw type, or a map of that name. */
  @SuppressWarnings("unchecked") // by the type of the bean
  static Map<String, ConcurrentBackoffTable<String>> tablesOfStrings(ListableBeanFactory factory) {
    Map<String, ConcurrentBackoffTable<String>> tables = new LinkedHashMap<>();
    for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(factory, OF_STRINGS)) {
      if (factory.getBean(name) instanceof ConcurrentBackoffTable<?> table) { // it may be null
        tables.put(name, (ConcurrentBackoffTable<String>) table);
      }
    }
    return tables;
  }

  @SuppressWarnings("ReferenceEquality") // the very builder
  ConcurrentBackoffTable<String> create(String name) {
    BackoffTableBuilder builder = builders.getObject();
    if (builder == previous) { // it would give this table the options of the previous one
      throw new IllegalStateException(
          "scope of the bean of type BackoffTableBuilder: singleton (expected: prototype)");
    }
    previous = builder;
    properties.configure(builder, name);
    return builder.build();
  }
}
