package io.github.bytesandbrains.backoff.spring;

import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.Banner;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** What {@link WithoutActuatorTest} runs in a class loader of its own. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class PlainApplication {
  private PlainApplication() {}

  /** Returns the names of the library's beans, after one failure was recorded. */
  public static List<String> run(String... args) {
    try (ConfigurableApplicationContext context = new SpringApplicationBuilder(
            PlainApplication.class)
        .bannerMode(Banner.Mode.OFF)
        .run(args)) {
      Beans.table(context, "backoffTable").recordFailure("a");
      return Stream.of(context.getBeanDefinitionNames())
          .filter(name -> name.startsWith("backoff"))
          .sorted()
          .toList();
    }
  }
}
