package io.github.bytesandbrains.backoff.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.bytesandbrains.backoff.BackoffState;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.FakeClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Snapshots in files and streams: the format, its faults, and the replacement of a file. */
final class SnapshotsTest {
  private static final String HEADER = "backoff-snapshot 1 1764240000000\n";

  @TempDir
  private Path folder;

  private final FakeWallClock wallClock = new FakeWallClock();
  private final FakeClock clock = new FakeClock();
  private final ConcurrentBackoffTable<String> table = newTable();
  private final ConcurrentBackoffTable<String> loaded = newTable();

  private ConcurrentBackoffTable<String> newTable() {
    return ConcurrentBackoffTable.builder().nanoTime(clock).build();
  }

  private Path file() {
    return folder.resolve("peers.backoff");
  }

  private void save() throws IOException {
    Snapshots.save(table, name -> name, file(), wallClock);
  }

  private int load() throws IOException {
    return Snapshots.load(loaded, name -> name, file(), wallClock, Duration.ZERO);
  }

  private byte[] written() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Snapshots.write(table, name -> name, out, wallClock);
    return out.toByteArray();
  }

  private int read(byte[] bytes) throws IOException {
    return Snapshots.read(
        loaded, name -> name, new ByteArrayInputStream(bytes), wallClock, Duration.ZERO);
  }

  /** A file with these lines and the right last line. */
  private static byte[] whole(String... peers) {
    return whole(String.join("\n", peers).getBytes(UTF_8), peers.length);
  }

  private static byte[] whole(byte[] peers, int count) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HEADER.getBytes(UTF_8));
    out.writeBytes(peers);
    out.write('\n');
    CRC32C sum = new CRC32C();
    sum.update(out.toByteArray());
    out.writeBytes(String.format("end %d %08x%n", count, sum.getValue()).getBytes(UTF_8));
    return out.toByteArray();
  }

  private void failManyPeers(int peers) {
    for (int i = 0; i < peers; i++) {
      table.recordFailure("10.0.0." + i + ":4040");
    }
  }

  @Test
  void write_onePeer_isTheDocumentedText() throws IOException {
    table.recordFailure("10.0.0.7:4040");
    clock.advance(Duration.ofMillis(25));

    assertThat(new String(written(), UTF_8)).matches("""
            backoff-snapshot 1 1795773600123
            1 25000000 -15000000 10\\.0\\.0\\.7:4040
            end 1 [0-9a-f]{8}
            """);
  }

  @Test
  void read_aFileMadeElsewhere_restores() throws IOException {
    assertThat(read(whole("3 1500000000 never 10.0.0.7:4040", "0 0 9000000000000000000 b")))
        .isEqualTo(2);

    assertThat(loaded.state("10.0.0.7:4040").orElseThrow().attempts()).isEqualTo(3);
  }

  @Test
  void read_exampleOfTheDocumentation_restores() throws IOException {
    String page = Files.readString(Path.of("src/docs/snapshot-format.md"));
    String example = page.split("```\n", 3)[1];

    assertThat(read(example.getBytes(UTF_8))).isPositive();

    assertThat(loaded.state("peer\nwith a line feed")).isPresent();
  }

  @Test
  void load_afterSave_restoresEveryPeer() throws IOException {
    failManyPeers(1_000);
    table.recordSuccess("10.0.0.1:4040");

    save();

    assertThat(load()).isEqualTo(999);
    assertThat(loaded.snapshot()).isEqualTo(table.snapshot());
  }

  @Test
  void load_emptyTable_restoresNothing() throws IOException {
    save();

    assertThat(load()).isZero();
  }

  @Test
  void load_noFile_isNoSuchFile() {
    assertThatThrownBy(this::load).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void load_shortForms_useTheSystemsClockAndASecond() throws IOException {
    ConcurrentBackoffTable<String> real = ConcurrentBackoffTable.create();
    real.restoreState("p", new BackoffState(4, real.nanoTime(), real.nanoTime()));
    Snapshots.save(real, name -> name, file());
    ConcurrentBackoffTable<String> next = ConcurrentBackoffTable.create();

    assertThat(Snapshots.load(next, name -> name, file())).isEqualTo(1);

    assertThat(next.remaining("p")).isLessThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(next.state("p").orElseThrow().attempts()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "two  spaces ",
        "line\nfeed\r\n",
        "back\\slash \\u0041 \\",
        "\u0000\u007f\u0085\u2028",
        "Zürich 東京 \uD83D\uDE80",
        "\uD83D alone \uDE80",
        "end 1 00000000"
      })
  void load_anyName_survives(String name) throws IOException {
    table.recordFailure(name);

    save();
    load();

    assertThat(loaded.snapshot()).containsOnlyKeys(name);
  }

  @Test
  void load_randomNames_survive() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      char[] name = new char[random.nextInt(20)];
      for (int j = 0; j < name.length; j++) {
        name[j] = (char) random.nextInt(random.nextBoolean() ? 0x80 : 0x10000);
      }
      table.recordFailure(new String(name));
    }

    assertThat(read(written())).as("seed %d", seed).isEqualTo(table.size());
    assertThat(loaded.snapshot().keySet()).isEqualTo(table.snapshot().keySet());
  }

  @Test
  void load_longestName_survivesAndALongerOneIsAClearError() throws IOException {
    table.recordFailure("\n".repeat(65_535));
    save();
    assertThat(load()).isEqualTo(1);
    byte[] before = Files.readAllBytes(file());
    table.recordFailure("x".repeat(65_536));

    assertThatThrownBy(this::save)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("name: 65536 characters (expected: <= 65535)");

    assertThat(file()).hasBinaryContent(before);
    assertOnlyTheFile();
  }

  private void assertOnlyTheFile() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void read_truncatedAnywhere_isAnErrorThatChangesNothing() throws IOException {
    failManyPeers(5);
    byte[] whole = written();

    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatIOException().isThrownBy(() -> read(part)).withMessageContaining("line ");
      assertThat(loaded.isEmpty()).isTrue();
    }
  }

  @Test
  void read_anyBitFlipped_isAnErrorThatChangesNothing() throws IOException {
    failManyPeers(5);
    byte[] whole = written();

    for (int i = 0; i < 8 * whole.length; i++) {
      byte[] altered = whole.clone();
      altered[i / 8] ^= (byte) (1 << i % 8);
      assertThatIOException().isThrownBy(() -> read(altered));
      assertThat(loaded.isEmpty()).isTrue();
    }
  }

  @Test
  void read_randomBytes_neverThrowsAnythingElse() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(100)];
      random.nextBytes(bytes);
      byte[] input = i % 2 == 0 ? bytes : whole(bytes, 1);
      assertThatIOException().as("seed %d", seed).isThrownBy(() -> read(input));
    }
    assertThat(loaded.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      -1 0 0 p          | attempts: -1 (expected: 0 to 2147483647)
      2147483648 0 0 p  | attempts: 2147483648 (expected: 0 to 2147483647)
      1 -5 0 p          | age: -5 (expected: 0 to 9223372036854775807)
      1 0 x p           | remaining: x (expected: -9223372036854775808 to 9223372036854775807)
      1 0 0             | 1 0 0 (expected: ATTEMPTS AGE REMAINING NAME)
      1 0 0 a\\n        | name: a\\n (expected: \\uXXXX after a backslash)
      1 0 0 a\\u12      | name: a\\u12 (expected: \\uXXXX after a backslash)
      1 0 0 a\\uzzzz    | name: a\\uzzzz (expected: \\uXXXX after a backslash)
      """)
  void read_badLine_isNamed(String line, String message) {
    assertThatIOException()
        .isThrownBy(() -> read(whole("1 0 0 good", line)))
        .withMessage("snapshot, line 3: " + message);
    assertThat(loaded.isEmpty()).isTrue();
  }

  @Test
  void load_alienFile_namesFileAndLine() throws IOException {
    Files.writeString(file(), "hosts:\n- a\n");

    assertThatIOException()
        .isThrownBy(this::load)
        .withMessage(file() + ", line 1: not a snapshot"
            + " (expected: backoff-snapshot VERSION EPOCH_MILLIS)");
  }

  @Test
  void load_newerVersion_isAClearError() throws IOException {
    Files.writeString(file(), "backoff-snapshot 2 1764240000000\nanything\n");

    assertThatIOException()
        .isThrownBy(this::load)
        .withMessage(file() + ", line 1: version: 2 (expected: 1)");
  }

  @Test
  void read_moreAfterTheEnd_isAnError() throws IOException {
    byte[] whole = written();

    assertThatIOException()
        .isThrownBy(() -> read(Arrays.copyOf(whole, whole.length + 1)))
        .withMessageContaining("more after the last line");
  }

  @Test
  void read_endlessLine_isBounded() {
    byte[] endless = new byte[10_000_000];
    Arrays.fill(endless, (byte) 'x');

    assertThatIOException()
        .isThrownBy(() -> read(endless))
        .withMessage("snapshot, line 1: a longer line (expected: <= 393310 bytes)");
  }

  @Test
  void read_malformedText_isAnError() {
    byte[] line = "1 0 0 p".getBytes(UTF_8);
    line[6] = (byte) 0xff;

    assertThatIOException().isThrownBy(() -> read(whole(line, 1)));
    assertThat(loaded.isEmpty()).isTrue();
  }

  @Test
  void read_malformedText_namesSourceAndLine() {
    byte[] line = "1 0 0 p".getBytes(UTF_8);
    line[6] = (byte) 0xff;

    assertThatIOException()
        .isThrownBy(() -> read(whole(line, 1)))
        .withMessageStartingWith("snapshot, line 2: ");
  }

  @Test
  void read_nameLongerThanASaveTakes_isAnError() {
    byte[] bytes = whole("1 0 0 " + "n".repeat(65_536));

    assertThatIOException().isThrownBy(() -> read(bytes));
    assertThat(loaded.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"+1 0 0 p", "\u0661 0 0 p", "1 0 0 \\u+041", "1 0 0 \\u-001"})
  void read_fieldThatTheFormatDoesNotAllow_isAnError(String line) {
    assertThatIOException().isThrownBy(() -> read(whole(line)));
  }

  @Test
  void save_fileWithPermissionsOfItsOwn_keepsThem() throws IOException {
    save();
    Set<PosixFilePermission> hidden = PosixFilePermissions.fromString("rw-------");
    Files.setPosixFilePermissions(file(), hidden);

    save();

    assertThat(Files.getPosixFilePermissions(file())).isEqualTo(hidden);
  }

  @Test
  void load_peerFunctionThatTakesTime_countsThatTimeOnce() throws IOException {
    table.recordRemoteAdvisory("p", Duration.ofSeconds(60));
    save();

    Snapshots.load(
        loaded,
        name -> {
          clock.advance(Duration.ofSeconds(10));
          wallClock.advance(Duration.ofSeconds(10));
          return name;
        },
        file(),
        wallClock,
        Duration.ZERO);

    assertThat(loaded.remaining("p")).isEqualTo(Duration.ofSeconds(50));
  }

  @Test
  void load_peerFunctionThatTakesTime_spreadsFromTheRestorationOn() throws IOException {
    failManyPeers(2);
    clock.advance(Duration.ofSeconds(1));
    wallClock.advance(Duration.ofSeconds(1));
    save();
    boolean[] slow = {true};

    Snapshots.load(
        loaded,
        name -> {
          if (slow[0]) {
            slow[0] = false;
            clock.advance(Duration.ofSeconds(1));
            wallClock.advance(Duration.ofSeconds(1));
          }
          return name;
        },
        file(),
        wallClock,
        Duration.ofSeconds(1));

    assertThat(loaded.snapshot().keySet()).noneMatch(loaded::shouldRetry);
  }

  @Test
  void read_peerFunctionThatThrowsOrReturnsNull_changesNothing() {
    byte[] bytes = whole("1 0 0 good", "1 0 0 bad");
    Function<String, String> throwing = name -> {
      if (name.equals("bad")) {
        throw new IllegalStateException("unknown");
      }
      return name;
    };

    assertThatIOException()
        .isThrownBy(() -> Snapshots.read(
            loaded, throwing, new ByteArrayInputStream(bytes), wallClock, Duration.ZERO))
        .withMessage("snapshot, line 3: name: bad"
            + " (expected: a peer, not java.lang.IllegalStateException: unknown)")
        .withCauseInstanceOf(IllegalStateException.class);
    assertThat(loaded.isEmpty()).isTrue();
  }

  @Test
  void save_again_replacesAndLeavesNothingElse() throws IOException {
    failManyPeers(10);
    save();
    table.forget("10.0.0.3:4040");

    save();

    assertThat(load()).isEqualTo(9);
    assertOnlyTheFile();
  }

  @Test
  void save_nameFunctionThatThrows_keepsTheOldFile() throws IOException {
    failManyPeers(10);
    save();
    byte[] before = Files.readAllBytes(file());

    assertThatThrownBy(() -> Snapshots.save(
            table,
            name -> {
              throw new IllegalStateException("no name");
            },
            file(),
            wallClock))
        .hasMessage("no name");

    assertThat(file()).hasBinaryContent(before);
    assertOnlyTheFile();
  }

  @Test
  void save_missingFolder_isNoSuchFile() {
    assertThatThrownBy(() ->
            Snapshots.save(table, name -> name, folder.resolve("missing").resolve("f"), wallClock))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void save_folderThatTakesNoFile_isAnIoException() {
    assumeThat(Path.of("/proc/self")).isDirectory(); // read-only, for root too

    assertThatIOException()
        .isThrownBy(
            () -> Snapshots.save(table, name -> name, Path.of("/proc/self/snapshot"), wallClock));
  }

  @Test
  void save_throughALink_replacesWhatItLeadsTo() throws IOException {
    Path real = folder.resolve("real");
    Files.writeString(real, "old");
    Path link = Files.createSymbolicLink(file(), real);
    failManyPeers(1);

    save();

    assertThat(link).isSymbolicLink();
    assertThat(Snapshots.load(loaded, name -> name, real, wallClock, Duration.ZERO))
        .isEqualTo(1);
  }

  @Test
  void save_afterAKill_deletesWhatWasLeftAndNothingElse() throws IOException {
    Path abandoned =
        Files.writeString(folder.resolve("peers.backoff." + UUID.randomUUID() + ".tmp"), "half");
    Path foreign = Files.writeString(folder.resolve("peers.backoff.mine.tmp"), "mine");
    Path other =
        Files.writeString(folder.resolve("other.backoff." + UUID.randomUUID() + ".tmp"), "half");

    save();

    assertThat(abandoned).doesNotExist();
    assertThat(other).exists();
    assertThat(foreign).exists();
  }

  @Test
  void save_throughALinkToNothing_createsWhatItLeadsTo() throws IOException {
    Path real = folder.resolve("real");
    Path link = Files.createSymbolicLink(file(), real);

    save();

    assertThat(link).isSymbolicLink();
    assertThat(real).isRegularFile();
  }

  @Test
  void save_aLinkToItself_isAnIoException() throws IOException {
    Files.createSymbolicLink(file(), file());

    assertThatIOException().isThrownBy(this::save);
  }

  @Test
  void save_anAbandonedFileThatCannotBeDeleted_succeeds() throws IOException {
    Path stays = folder.resolve("peers.backoff." + UUID.randomUUID() + ".tmp");
    Files.createDirectory(stays); // or a file of another user

    save();

    assertThat(file()).isRegularFile();
  }

  @Test
  void save_whileAnotherSavesByAnotherPath_succeeds() throws IOException {
    Path linked = folder.resolve("linked");
    Files.createSymbolicLink(linked, Files.createDirectory(folder.resolve("real")));
    table.recordFailure("p");

    Snapshots.save(
        table,
        name -> {
          try { // while the outer one has its temporary file
            Snapshots.save(loaded, n -> n, folder.resolve("real").resolve("f"), wallClock);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return name;
        },
        linked.resolve("f"),
        wallClock);

    assertThat(Snapshots.load(loaded, name -> name, linked.resolve("f"), wallClock, Duration.ZERO))
        .isEqualTo(1);
  }

  @Test
  void save_whileAnotherSaves_leavesItsTemporaryFile() throws IOException {
    Path alive = folder.resolve("peers.backoff." + UUID.randomUUID() + ".tmp");
    Files.createFile(alive); // empty: about to be locked

    save();

    assertThat(alive).exists();
  }

  @Test
  void save_concurrently_isWholeEachTime() throws Exception {
    failManyPeers(2_000);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> saves = new ArrayList<>();
      save();
      for (int i = 0; i < 40; i++) {
        saves.add(threads.submit(() -> {
          save();
          return null;
        }));
      }
      for (Future<?> save : saves) {
        assertThat(Snapshots.load(newTable(), name -> name, file(), wallClock, Duration.ZERO))
            .isEqualTo(2_000);
        save.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertOnlyTheFile();
  }
}
