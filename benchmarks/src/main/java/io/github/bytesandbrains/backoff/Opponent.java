package io.github.bytesandbrains.backoff;

import java.util.function.Supplier;

/** The contenders beside this library. */
enum Opponent {
  BARE_MAP("bare ConcurrentHashMap", BareMap::new),
  SYNCHRONIZED_MAP("synchronized HashMap", SynchronizedMap::new),
  CAFFEINE("Caffeine alone", CaffeineAlone::new),
  RESILIENCE4J("Resilience4j breakers", ResilienceBreakers::new),
  FAILSAFE("Failsafe breakers", FailsafeBreakers::new),
  KAFKA("Kafka's connection states", KafkaStates::new);

  final String title;
  private final Supplier<Contender<String>> create;

  Opponent(String title, Supplier<Contender<String>> create) {
    this.title = title;
    this.create = create;
  }

  Contender<String> create() {
    return create.get();
  }

  /** Whether it answers about a peer that it does not know without making it known. */
  boolean answersMiss() {
    return this != RESILIENCE4J;
  }
}
