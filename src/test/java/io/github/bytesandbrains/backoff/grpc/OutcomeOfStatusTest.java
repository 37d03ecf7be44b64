package io.github.bytesandbrains.backoff.grpc;

import static io.github.bytesandbrains.backoff.grpc.TestService.details;
import static io.github.bytesandbrains.backoff.grpc.TestService.pushback;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import io.github.bytesandbrains.backoff.Outcome;
import io.github.bytesandbrains.backoff.PeerCoolingException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The rule from a status and its trailers to an outcome. */
final class OutcomeOfStatusTest {
  private static final int FUZZ_ROUNDS = Integer.getInteger("fuzz.rounds", 100_000);
  private static final long SEED =
      Long.getLong("fuzz.seed", ThreadLocalRandom.current().nextLong());

  private static final Outcome SUCCESS = Outcome.success();
  private static final Outcome FAILURE = Outcome.failure();
  private static final Outcome NONE = Outcome.none();

  /** What each status says about the peer if the trailers have no hint. */
  static final Map<Code, Outcome> WITHOUT_HINT = Map.ofEntries(
      Map.entry(Code.OK, SUCCESS),
      Map.entry(Code.CANCELLED, NONE),
      Map.entry(Code.UNKNOWN, SUCCESS),
      Map.entry(Code.INVALID_ARGUMENT, SUCCESS),
      Map.entry(Code.DEADLINE_EXCEEDED, FAILURE),
      Map.entry(Code.NOT_FOUND, SUCCESS),
      Map.entry(Code.ALREADY_EXISTS, SUCCESS),
      Map.entry(Code.PERMISSION_DENIED, SUCCESS),
      Map.entry(Code.RESOURCE_EXHAUSTED, NONE),
      Map.entry(Code.FAILED_PRECONDITION, SUCCESS),
      Map.entry(Code.ABORTED, SUCCESS),
      Map.entry(Code.OUT_OF_RANGE, SUCCESS),
      Map.entry(Code.UNIMPLEMENTED, SUCCESS),
      Map.entry(Code.INTERNAL, SUCCESS),
      Map.entry(Code.UNAVAILABLE, FAILURE),
      Map.entry(Code.DATA_LOSS, SUCCESS),
      Map.entry(Code.UNAUTHENTICATED, SUCCESS));

  private static Outcome outcomeOf(Code code, @Nullable Metadata trailers) {
    return BackoffClientInterceptor.outcomeOf(code.toStatus(), trailers);
  }

  @ParameterizedTest
  @EnumSource
  void outcomeOf_noHint_isThatOfTheCode(Code code) {
    assertThat(WITHOUT_HINT).hasSameSizeAs(Code.values());
    assertThat(outcomeOf(code, null)).isEqualTo(WITHOUT_HINT.get(code));
    assertThat(outcomeOf(code, new Metadata())).isEqualTo(WITHOUT_HINT.get(code));
  }

  @ParameterizedTest
  @EnumSource
  void outcomeOf_hint_isAnAdvisoryForTheThreeCodesOfAnOverload(Code code) {
    Outcome expected = switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED ->
        Outcome.advisory(Duration.ofSeconds(30));
      default -> WITHOUT_HINT.get(code); // ABORTED with a hint means one transaction
    };

    assertThat(outcomeOf(code, pushback("30000"))).isEqualTo(expected);
    assertThat(outcomeOf(code, details(Details.retryInfo(30, 0)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource
  void outcomeOf_pushback_isReadAsByTheRetriesOfGrpc(String pushback, Outcome expected) {
    assertThat(outcomeOf(Code.UNAVAILABLE, pushback(pushback))).isEqualTo(expected);
    assertThat(outcomeOf(Code.RESOURCE_EXHAUSTED, pushback(pushback))).isEqualTo(expected);
  }

  static List<Arguments> outcomeOf_pushback_isReadAsByTheRetriesOfGrpc() {
    return List.of(
        arguments("1", Outcome.advisory(Duration.ofMillis(1))),
        arguments("2147483647", Outcome.advisory(Duration.ofMillis(Integer.MAX_VALUE))),
        arguments("-1", FAILURE), // do not retry
        arguments("-2147483648", FAILURE),
        arguments("2147483648", FAILURE), // no int, as the rest
        arguments("99999999999999999999", FAILURE),
        arguments("1.5", FAILURE),
        arguments("1s", FAILURE),
        arguments(" 1", FAILURE),
        arguments("soon", FAILURE),
        arguments("", FAILURE));
  }

  @Test
  void outcomeOf_delayOfZero_isNoHint() {
    assertThat(outcomeOf(Code.UNAVAILABLE, pushback("0"))).isEqualTo(FAILURE);
    assertThat(outcomeOf(Code.RESOURCE_EXHAUSTED, pushback("0"))).isEqualTo(NONE);
    assertThat(outcomeOf(Code.UNAVAILABLE, details(Details.retryInfo(0, 0)))).isEqualTo(FAILURE);
    assertThat(outcomeOf(Code.RESOURCE_EXHAUSTED, details(Details.retryInfo(0, 0))))
        .isEqualTo(NONE);
  }

  @Test
  void outcomeOf_detailsThatCannotBeRead_areNoHint() {
    byte[] garbage = {(byte) 0xFF, 1, 2, 3};

    assertThat(outcomeOf(Code.UNAVAILABLE, details(garbage))).isEqualTo(FAILURE);
    assertThat(outcomeOf(Code.RESOURCE_EXHAUSTED, details(garbage))).isEqualTo(NONE);
  }

  @Test
  void outcomeOf_bothHints_pushbackDecides() {
    Metadata trailers = pushback("1000");
    trailers.merge(details(Details.retryInfo(30, 0)));
    Metadata doNotRetry = pushback("-1");
    doNotRetry.merge(details(Details.retryInfo(30, 0)));

    assertThat(outcomeOf(Code.UNAVAILABLE, trailers))
        .isEqualTo(Outcome.advisory(Duration.ofSeconds(1)));
    assertThat(outcomeOf(Code.UNAVAILABLE, doNotRetry)).isEqualTo(FAILURE);
  }

  @Test
  void outcomeOf_deniedByAnotherTable_isNone() {
    ConcurrentBackoffTable<String> other = ConcurrentBackoffTable.create();
    other.recordFailure("a", 100);
    PeerCoolingException cooling =
        catchThrowableOfType(PeerCoolingException.class, () -> other.acquire("a", 100));
    assertThat(cooling).isNotNull();

    assertThat(BackoffClientInterceptor.outcomeOf(
            Status.UNAVAILABLE.withCause(cooling), new Metadata()))
        .isEqualTo(NONE);
  }

  @Test
  void outcomeOf_asAThrowableClassifier_readsWhatAStubThrows() {
    ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .nanoTime(new FakeClock())
        .throwableClassifier(thrown -> thrown instanceof StatusRuntimeException e
            ? BackoffClientInterceptor.outcomeOf(e.getStatus(), e.getTrailers())
            : Outcome.of(thrown))
        .build();

    assertThatThrownBy(() -> table.call("a", () -> {
          throw Status.UNAVAILABLE.asRuntimeException(pushback("30000"));
        }))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(table.remaining("a")).isEqualTo(Duration.ofSeconds(30));
    assertThatThrownBy(() -> table.call("b", () -> {
          throw Status.UNAVAILABLE.asRuntimeException();
        }))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(table.remaining("b")).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  @Tag("random")
  void outcomeOf_randomDetails_neverThrowsAndStaysWithinMaxAdvisory() {
    Random random = new Random(SEED);
    Fuzz fuzz = new Fuzz();
    for (int i = 0; i < FUZZ_ROUNDS; i++) {
      byte[] status = new byte[random.nextInt(200)];
      random.nextBytes(status);
      fuzz.check(status);
    }
    fuzz.print("random");
  }

  @Test
  @Tag("random")
  void outcomeOf_mutatedDetails_neverThrowsAndStaysWithinMaxAdvisory() {
    Random random = new Random(SEED);
    Fuzz fuzz = new Fuzz();
    for (int i = 0; i < FUZZ_ROUNDS; i++) {
      fuzz.check(mutated(random));
    }
    fuzz.print("mutated");

    assertThat(fuzz.advisories).as("still readable").isBetween(1, FUZZ_ROUNDS - 1);
  }

  private static byte[] mutated(Random random) {
    byte[] delay = random.nextInt(4) == 0
        ? Details.delay(random.nextLong(), random.nextInt())
        : Details.delay(
            random.nextLong() >>> (1 + random.nextInt(63)), random.nextInt(1_000_000_000));
    byte[] valid = new Details()
        .integer(1, random.nextInt(17))
        .text(2, "busy")
        .field(3, Details.any(Details.ERROR_INFO, new byte[random.nextInt(20)]))
        .field(3, Details.any(Details.RETRY_INFO, delay))
        .toBytes();
    List<Byte> bytes = new ArrayList<>();
    for (byte b : valid) {
      bytes.add(b);
    }
    for (int changes = random.nextInt(4); changes > 0 && !bytes.isEmpty(); changes--) {
      int at = random.nextInt(bytes.size());
      switch (random.nextInt(5)) {
        case 0 -> bytes.set(at, (byte) random.nextInt());
        case 1 -> bytes.set(at, (byte) (bytes.get(at) ^ (1 << random.nextInt(8))));
        case 2 -> bytes.add(at, (byte) random.nextInt());
        case 3 -> bytes.remove(at);
        default -> bytes.subList(at, bytes.size()).clear();
      }
    }
    byte[] mutated = new byte[bytes.size()];
    for (int i = 0; i < mutated.length; i++) {
      mutated[i] = bytes.get(i);
    }
    return mutated;
  }

  /** Reports what is read to a table, whose bound must hold. */
  private static final class Fuzz {
    private static final Duration MAX_ADVISORY = Duration.ofMinutes(5);

    private final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
        .nanoTime(new FakeClock())
        .maxAdvisory(MAX_ADVISORY)
        .build();
    int advisories;

    void check(byte[] status) {
      Outcome outcome = outcomeOf(Code.RESOURCE_EXHAUSTED, details(status));
      table.tryAcquire("a").orElseThrow().record(outcome);
      Duration remaining = table.remaining("a");
      assertThat(remaining).as("seed %d", SEED).isBetween(Duration.ZERO, MAX_ADVISORY);
      assertThat(remaining.isZero()).as("seed %d", SEED).isEqualTo(outcome.equals(NONE));
      if (!remaining.isZero()) {
        advisories++;
        table.forget("a");
      }
    }

    void print(String kind) {
      System.out.printf(
          "seed %d: %,d %s details, %,d with a delay%n", SEED, FUZZ_ROUNDS, kind, advisories);
    }
  }
}
