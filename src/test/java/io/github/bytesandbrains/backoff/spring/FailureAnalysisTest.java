package io.github.bytesandbrains.backoff.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** A wrong value stops the start, with an analysis that names property, value and expectation. */
@Tag("spring")
@ExtendWith(OutputCaptureExtension.class)
final class FailureAnalysisTest {
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      backoff.schedule.max-delay                    | 30x   | Unknown unit
      backoff.schedule.max-delay                    | -1s   | maxDelay: PT-1S (expected: >= 0)
      backoff.schedule.initial-delay                | -1s   | initialDelay: PT-1S (expected: >= 0)
      backoff.schedule.multiplier                   | 0.5   | multiplier: 0.5 (expected: >= 1.0)
      backoff.schedule.jitter                       | some  | EQUAL
      backoff.max-advisory                          | 0     | maxAdvisory: PT0S (expected: > 0)
      backoff.advisory-jitter                       | 1.5   | advisoryJitter: 1.5 (expected: 0.0 to 1.0)
      backoff.probe-lease                           | -3s   | probeLease: PT-3S (expected: > 0)
      backoff.idle-timeout                          | 0s    | idleTimeout: PT0S (expected: > 0)
      backoff.maximum-peers                         | 0     | maximumPeers: 0 (expected: > 0)
      backoff.maximum-peers                         | many  | java.lang.Long
      backoff.tables.payments.probe-lease           | 3 sec | is not a valid duration
      backoff.tables.payments.maximum-peers         | -1    | maximumPeers: -1 (expected: > 0)
      backoff.tables.payments.schedule.multiplier   | 0     | multiplier: 0.0 (expected: >= 1.0)
      backoff.tables[My Table].probe-lease          | 0     | probeLease: PT0S (expected: > 0)
      backoff.metrics.top-peers                     | 11    | most: 11 (expected: 1 to 10)
      backoff.snapshot.interval                     | 0     | interval: PT0S (expected: > 0)
      backoff.snapshot.directory                    | ''    | directory: null (expected: a path)
      backoff.health.maximum-cooling                | ''    | maximumCooling: null (expected: >= 0)
      backoff.health.maximum-cooling                | -1    | maximumCooling: -1 (expected: >= 0)
      backoff.metrics.enabled                       | maybe | Invalid boolean value
      backoff.redis.enabled                         | maybe | Invalid boolean value
      backoff.tables.payments                       | lots  | options, or nothing
      """)
  void start_wrongValue_isAnalyzed(
      String property, String value, String expectation, CapturedOutput output) {
    SpringApplication application = new SpringApplication(Empty.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    Map<String, Object> properties = new HashMap<>();
    properties.put("backoff.snapshot.directory", "target/none");
    properties.put(property, value);
    application.setDefaultProperties(properties);

    assertThatException().isThrownBy(() -> application.run("--spring.config.name=none"));

    assertThat(output)
        .contains("APPLICATION FAILED TO START", property, value, expectation, "Action:");
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(BackoffAutoConfiguration.class)
  static class Empty {}
}
