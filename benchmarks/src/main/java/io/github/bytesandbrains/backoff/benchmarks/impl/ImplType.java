package io.github.bytesandbrains.backoff.benchmarks.impl;

import java.util.function.Supplier;
import org.apache.kafka.clients.KafkaConnectionStates;

/** This library, and what it is compared with. */
public enum ImplType {
  TABLE("this table", ThisTable::new),
  BARE_MAP("bare ConcurrentHashMap", BareMap::new),
  ROOMY_MAP("bare ConcurrentHashMap of 4,096 bins", BareMap::roomy),
  SYNCHRONIZED_MAP("synchronized HashMap", SynchronizedMap::new),
  CAFFEINE("Caffeine alone", CaffeineCache::new),
  RESILIENCE4J("Resilience4j breakers", Resilience4jBreakers::openAtOnce),
  RESILIENCE4J_COUNTING("Resilience4j breakers, counting", Resilience4jBreakers::counting),
  FAILSAFE("Failsafe breakers", FailsafeBreakers::new),
  KAFKA("Kafka's connection states", KafkaConnectionStates::new);

  /** How results name it. */
  public final String title;

  private final Supplier<BackoffImpl<String>> create;

  ImplType(String title, Supplier<BackoffImpl<String>> create) {
    this.title = title;
    this.create = create;
  }

  /** An empty one. */
  public BackoffImpl<String> create() {
    return create.get();
  }
}
