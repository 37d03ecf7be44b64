package io.github.bytesandbrains.backoff.examples.spring;

import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.Outcome;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A table of the application, with other peers and another classifier. */
@Configuration(proxyBeanMethods = false)
class ResolverTable {
  // quoted
  @Bean
  ConcurrentBackoffTable<InetAddress> resolvers(BackoffTableBuilder builder) { // with backoff.*
    return builder.throwableClassifier(ResolverTable::classify).build();
  }
  // end

  private static Outcome classify(Throwable thrown) {
    return thrown instanceof UnknownHostException
        ? Outcome.success() // the resolver answered
        : Outcome.of(thrown);
  }
}
