package io.github.bytesandbrains.backoff.micrometer;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The meters that were added to one registry, and nobody else's. For an id that is taken a registry
 * returns the old meter, and it removes by id. So only the identity of a meter shows whose it is.
 */
final class OwnMeters {
  /** Makes looking and then adding or removing one step, for all binders. */
  private static final Object LOCK = new Object();

  private final MeterRegistry registry;
  private final Set<Meter> own = identitySet(List.of());
  private boolean closed;

  /** Registers one meter; returns the old one if its id is taken. */
  @FunctionalInterface
  interface Registration extends Function<MeterRegistry, Meter> {}

  OwnMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Adds all of the meters, or none.
   *
   * @param name the name of one of them
   * @param tags the tags of that one, which every other has too
   * @throws IllegalStateException if an id is taken
   */
  void addAll(String name, Tags tags, List<Registration> registrations) {
    synchronized (LOCK) {
      requireFreeBelow(registry, name, tags);
      Set<Meter> present = identitySet(registry.getMeters());
      try {
        for (Registration registration : registrations) {
          Meter meter = registration.apply(registry);
          if (present.contains(meter)) {
            throw taken(meter, tags);
          }
          own.add(meter);
        }
      } catch (RuntimeException e) {
        remove(List.copyOf(own));
        throw e;
      }
    }
  }

  /** A composite returns a meter of its own even if a registry that it contains has an old one. */
  private static void requireFreeBelow(MeterRegistry registry, String name, Tags tags) {
    if (registry instanceof CompositeMeterRegistry composite) {
      for (MeterRegistry child : composite.getRegistries()) {
        for (Meter old : child.find(name).tags(tags).meters()) {
          if (Tags.of(old.getId().getTagsAsIterable()).equals(tags)) { // the search allows for more
            throw taken(old, tags);
          }
        }
        requireFreeBelow(child, name, tags);
      }
    }
  }

  private static IllegalStateException taken(Meter meter, Tags tags) {
    String name = tags.stream()
        .filter(tag -> tag.getKey().equals("table"))
        .map(tag -> tag.getValue())
        .collect(Collectors.joining());
    String present = StreamSupport.stream(meter.getId().getTagsAsIterable().spliterator(), false)
        .map(tag -> tag.getKey() + "=" + tag.getValue())
        .collect(Collectors.joining(", ", meter.getId().getName() + "[", "]"));
    return new IllegalStateException(
        "name: " + name + " (expected: one that is not in use; the registry has " + present + ")");
  }

  /** Adds a meter; null if its id is taken, or if these meters are closed. */
  @Nullable
  Meter tryAdd(Registration registration) {
    synchronized (LOCK) {
      if (closed) {
        return null;
      }
      Set<Meter> present = identitySet(registry.getMeters());
      Meter meter = registration.apply(registry);
      if (present.contains(meter)) {
        return null;
      }
      own.add(meter);
      return meter;
    }
  }

  /** Removes those of the meters that are still in the registry. */
  void remove(Collection<Meter> meters) {
    synchronized (LOCK) {
      Set<Meter> present = identitySet(registry.getMeters());
      for (Meter meter : meters) {
        if (own.remove(meter) && present.contains(meter)) {
          registry.remove(meter);
        }
      }
    }
  }

  /** Removes all of the meters; none can be added anymore. */
  void close() {
    synchronized (LOCK) {
      closed = true;
      remove(List.copyOf(own));
    }
  }

  private static Set<Meter> identitySet(Collection<Meter> meters) {
    Set<Meter> set = Collections.newSetFromMap(new IdentityHashMap<>());
    set.addAll(meters);
    return set;
  }
}
