package io.github.bytesandbrains.backoff.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisClient;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A stream of Redis. It has two connections of its own, because a command that blocks holds up
 * those after it.
 */
final class RedisLog implements SharingLog {
  /** How long Redis may take to answer before the connection is given up. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final String key;
  private final OwnConnection reader;
  private final OwnConnection writer;

  RedisLog(RedisClient client, String key) {
    this.key = key;
    reader = new OwnConnection(client);
    writer = new OwnConnection(client);
  }

  @Override
  public void prepareToAppend() {
    var unused = writer.open();
  }

  @Override
  public EntryId append(List<String> fields, EntryId horizon) {
    CommandArgs<String, String> args =
        args().addKey(key).add("MINID").add("~").add(horizon.toString()).add("*");
    fields.forEach(args::addValue);
    String id = writer.call(
        new Command<>(CommandType.XADD, new StatusOutput<>(StringCodec.UTF8), args), TIMEOUT);
    return EntryId.parse(id);
  }

  @Override
  public long timeMillis() {
    List<String> answer =
        reader.call(new Command<>(CommandType.TIME, new Texts(), args()), TIMEOUT);
    return Long.parseLong(answer.get(0)) * 1_000 + Long.parseLong(answer.get(1)) / 1_000;
  }

  @Override
  public List<Stored> read(EntryId after, Duration atMost) {
    CommandArgs<String, String> args = args().add("COUNT").add(MAXIMUM_ENTRIES);
    long blockMillis = Math.min(atMost.toMillis(), longestBlockMillis());
    if (blockMillis > 0) { // 0 would block without end
      args.add("BLOCK").add(blockMillis);
    }
    args.add("STREAMS").addKey(key).add(after.toString());
    return reader.call(
        new Command<>(CommandType.XREAD, new Entries(), args), TIMEOUT.plusMillis(blockMillis));
  }

  private static CommandArgs<String, String> args() {
    return new CommandArgs<>(StringCodec.UTF8);
  }

  /** Half of the time after which the client itself gives up a command. */
  private long longestBlockMillis() {
    StatefulRedisConnection<String, String> connection = reader.open();
    TimeoutOptions options = connection.getOptions().getTimeoutOptions();
    if (!options.isTimeoutCommands()) {
      return Long.MAX_VALUE;
    }
    Command<String, String, ?> read = new Command<>(CommandType.XREAD, new Texts());
    long millis = options.isApplyConnectionTimeout()
        ? connection.getTimeout().toMillis()
        : options.getSource().getTimeUnit().toMillis(options.getSource().getTimeout(read));
    return millis <= 0 ? Long.MAX_VALUE : Math.max(1, millis / 2);
  }

  /** Waits a little, because the caller may shut down the client next. */
  @Override
  public void close() {
    CompletableFuture<Void> closing = CompletableFuture.allOf(reader.close(), writer.close());
    try {
      closing.get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // It is no longer used.
    }
  }

  /** Texts of any depth, one after another. */
  private static final class Texts extends CommandOutput<String, String, List<String>> {
    Texts() {
      super(StringCodec.UTF8, new ArrayList<>());
    }

    @Override
    public void set(@Nullable ByteBuffer bytes) {
      output.add(text(bytes));
    }
  }

  /**
   * The entries of one stream. Whatever is in the log, it keeps no more of it than a valid entry
   * can have.
   */
  private static final class Entries extends CommandOutput<String, String, List<Stored>> {
    private boolean inStream;
    private @Nullable EntryId id;
    private List<String> fields = List.of();
    private int left;

    Entries() {
      super(StringCodec.UTF8, new ArrayList<>());
    }

    /** In this order: the key, and for each entry its ID, and then its fields and values. */
    @Override
    public void set(@Nullable ByteBuffer bytes) {
      if (!inStream) {
        inStream = bytes != null;
      } else if (id == null) {
        id = EntryId.parse(text(bytes));
        fields = new ArrayList<>();
      } else {
        if (fields.size() < LogEntry.MAXIMUM_FIELDS) {
          fields.add(text(bytes));
        }
        left--;
        completeEntry();
      }
    }

    @Override
    public void multi(int count) {
      if (id != null) {
        left = count;
        completeEntry();
      }
    }

    private void completeEntry() {
      if (id != null && left <= 0) {
        output.add(new Stored(id, fields));
        id = null;
      }
    }
  }

  /** Empty if there is none, or if it is longer than any that is valid. */
  private static String text(@Nullable ByteBuffer bytes) {
    return bytes == null || bytes.remaining() > LogEntry.MAXIMUM_NAME_BYTES
        ? ""
        : UTF_8.decode(bytes).toString();
  }
}
