package io.github.bytesandbrains.backoff;

import io.github.bytesandbrains.backoff.SequentialBackoffTable.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Options of a table and a list of operations on it, all drawn from one seed. */
record OperationSequence(
    Kind kind, Options options, long maximumPeers, long start, List<Step> steps) {
  static final int PEERS = 6;
  private static final int SLOTS = 4;
  private static final int MAX_STEPS = 150;

  /** Where peers become idle, time runs forward by at most 73 years. */
  private static final long FORWARD_SPAN = Long.MAX_VALUE >> 2;

  private static final long SECOND = 1_000_000_000L;

  /** How time runs, because what a table promises about eviction depends on it. */
  enum Kind {
    /** Time leaps and runs backward. No peer is ever idle, but markers of recoveries expire. */
    WILD,
    /** Time runs forward. An idle peer is as good as forgotten. */
    FORWARD,
    /** As {@code FORWARD}, with a bound below the number of peers. */
    CROWDED;

    boolean forward() {
      return this != WILD;
    }
  }

  enum Operation {
    FAIL,
    ADVISE,
    SUCCEED,
    POSTPONE,
    EXPEDITE,
    FORGET,
    RESTORE,
    REPLACE,
    ASK,
    ACQUIRE,
    PERMIT_SUCCEEDS,
    PERMIT_FAILS,
    PERMIT_IS_ADVISED,
    RELEASE,
    CLEAN_UP
  }

  /** What the time of a step is relative to. */
  enum Origin {
    NOW,
    NEXT_RETRY,
    IDLE,
    START
  }

  /** One operation, at {@code nanos} from its origin. A slot keeps a permit. */
  record Step(
      Operation operation,
      Integer peer,
      int slot,
      Origin origin,
      long nanos,
      long amount,
      boolean clockForm) {}

  static OperationSequence random(Kind kind, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean forward = kind.forward();
    long idleTimeout = forward ? 1 + duration(random) % (3600 * SECOND) : Long.MAX_VALUE;
    Options options = new Options(
        forward ? duration(random) % (60 * SECOND) : duration(random),
        forward ? duration(random) % (3600 * SECOND) : duration(random),
        Math.max(1, forward ? duration(random) % (3600 * SECOND) : duration(random)),
        Math.max(1, forward ? duration(random) % (60 * SECOND) : duration(random)),
        idleTimeout);
    long start = random.nextLong(Long.MIN_VALUE, Long.MAX_VALUE >> 2);
    List<Step> steps = new ArrayList<>();
    for (int left = random.nextInt(1, MAX_STEPS); left > 0; left--) {
      steps.add(step(kind, random));
    }
    long maximumPeers = kind == Kind.CROWDED ? random.nextInt(1, 4) : 1_000_000;
    return new OperationSequence(kind, options, maximumPeers, start, List.copyOf(steps));
  }

  private static Step step(Kind kind, SplittableRandom random) {
    Operation[] operations = Operation.values();
    Operation operation = operations[random.nextInt(operations.length)];
    Origin origin = Origin.values()[random.nextInt(Origin.values().length)];
    boolean around = origin == Origin.NEXT_RETRY || origin == Origin.IDLE;
    long nanos = around ? random.nextInt(-1, 2) : duration(random) >> random.nextInt(63);
    boolean back =
        !around && random.nextBoolean() && (operation == Operation.ASK || !kind.forward());
    return new Step(
        operation,
        random.nextInt(PEERS),
        random.nextInt(SLOTS),
        origin,
        back ? -nanos : nanos,
        random.nextInt(20) == 0 ? -1 : duration(random),
        random.nextBoolean());
  }

  /** Any duration: each magnitude is equally likely, and special values are frequent. */
  private static long duration(SplittableRandom random) {
    return switch (random.nextInt(12)) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> Long.MAX_VALUE;
      case 3 -> 10_000_000;
      default -> random.nextLong() >>> random.nextInt(1, Long.SIZE);
    };
  }

  /** The time of a step, which runs forward if the kind says so and the step is no query. */
  long time(Step step, long now, SequentialBackoffTable<Integer> table) {
    long origin = switch (step.origin) {
      case NOW -> now;
      case NEXT_RETRY ->
        table.state(step.peer).map(BackoffState::nextRetryNanos).orElse(now);
      case IDLE -> table.idleAt(step.peer).orElse(now);
      case START -> start;
    };
    long time = Math.max(origin, Long.MIN_VALUE - Math.min(0, step.nanos)) + step.nanos;
    time = step.nanos > 0 && time < origin ? Long.MAX_VALUE : time;
    if (!kind.forward() || step.operation == Operation.ASK) {
      return time;
    }
    return Math.max(now, Math.min(time, start + FORWARD_SPAN));
  }

  /** The state that a step restores. Its attempts may be 0, as those of a postponed peer. */
  BackoffState restored(Step step, long now) {
    int attempts = (int) (step.amount >>> 32 & 0x7fffffff);
    long delay = kind.forward() ? step.amount % FORWARD_SPAN : step.amount;
    return new BackoffState(attempts, now, delay < 0 ? now : Math.max(now, now + delay));
  }

  OperationSequence with(Options changed) {
    return new OperationSequence(kind, changed, maximumPeers, start, steps);
  }

  OperationSequence with(List<Step> changed) {
    return new OperationSequence(kind, options, maximumPeers, start, List.copyOf(changed));
  }

  @Override
  public String toString() {
    return kind + ", " + options + ", at most " + maximumPeers + " peers, from " + start + "\n"
        + steps.stream().map(step -> "  " + step).collect(Collectors.joining("\n"));
  }
}
