package io.github.bytesandbrains.backoff;

import java.util.function.Supplier;

/** The contenders: this library, and what it is compared with. */
public enum Candidate {
  TABLE("this table", Table::new),
  BARE_MAP("bare ConcurrentHashMap", BareMap::byDefault),
  ROOMY_MAP("bare ConcurrentHashMap of 4,096 bins", BareMap::roomy),
  SYNCHRONIZED_MAP("synchronized HashMap", SynchronizedMap::new),
  CAFFEINE("Caffeine alone", CaffeineAlone::new),
  RESILIENCE4J("Resilience4j breakers", ResilienceBreakers::openAtOnce),
  RESILIENCE4J_COUNTING("Resilience4j breakers, counting", ResilienceBreakers::counting),
  FAILSAFE("Failsafe breakers", FailsafeBreakers::new),
  KAFKA("Kafka's connection states", KafkaStates::new);

  final String title;
  private final Supplier<Contender<String>> create;

  Candidate(String title, Supplier<Contender<String>> create) {
    this.title = title;
    this.create = create;
  }

  Contender<String> create() {
    return create.get();
  }
}
