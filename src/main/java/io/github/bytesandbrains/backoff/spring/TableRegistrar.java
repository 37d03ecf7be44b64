package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.util.Map;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/** Registers a bean for each table that {@code backoff.tables} names. */
final class TableRegistrar implements ImportBeanDefinitionRegistrar {
  private final Environment environment;
  private final BeanFactory beanFactory;

  TableRegistrar(Environment environment, BeanFactory beanFactory) {
    this.environment = environment;
    this.beanFactory = beanFactory;
  }

  @Override
  public void registerBeanDefinitions(
      AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
    Map<String, TableProperties> tables = Binder.get(environment)
        .bind("backoff.tables", Bindable.mapOf(String.class, TableProperties.class))
        .orElse(Map.of());
    for (String name : tables.keySet()) {
      if (!beanFactory.containsBean(name)) {
        registry.registerBeanDefinition(name, definition(name));
      } else if (!beanFactory.isTypeMatch(name, ConcurrentBackoffTable.class)) {
        throw new InvalidConfigurationPropertyValueException(
            "backoff.tables", name, "name: " + name + " (expected: one that no other bean has)");
      } // otherwise, the table of the application or of a parent wins
    }
  }

  private static RootBeanDefinition definition(String name) {
    RootBeanDefinition definition = new RootBeanDefinition();
    definition.setTargetType(
        ResolvableType.forClassWithGenerics(ConcurrentBackoffTable.class, String.class));
    definition.setFactoryBeanName(TableFactory.BEAN_NAME);
    definition.setFactoryMethodName("create");
    definition.getConstructorArgumentValues().addIndexedArgumentValue(0, name);
    return definition;
  }
}
