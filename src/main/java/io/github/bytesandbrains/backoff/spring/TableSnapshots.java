package io.github.bytesandbrains.backoff.spring;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.snapshot.Snapshots;
import io.github.bytesandbrains.backoff.spring.BackoffProperties.Snapshot;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.SmartLifecycle;

/**
 * Loads each table whose peers are strings before another bean gets it, and saves all of them while
 * the application context runs and when it stops. A file that cannot be read or written costs what
 * was learned, and is no reason not to start.
 */
final class TableSnapshots implements BeanPostProcessor, SmartLifecycle {
  private static final System.Logger LOGGER = System.getLogger(TableSnapshots.class.getName());

  private final BeanFactory beanFactory;
  private final Path directory;
  private final Duration interval;
  private final Map<Path, ConcurrentBackoffTable<String>> tables = new ConcurrentHashMap<>();
  private @Nullable ScheduledExecutorService scheduler;

  TableSnapshots(BeanFactory beanFactory, Snapshot properties) {
    this.beanFactory = beanFactory;
    Path path = properties.directory;
    if (path == null) { // the property is there, but empty
      throw new InvalidConfigurationPropertyValueException(
          "backoff.snapshot.directory", null, "directory: null (expected: a path)");
    }
    directory = path;
    interval = properties.interval;
    if (interval.isNegative() || interval.isZero()) {
      throw new InvalidConfigurationPropertyValueException(
          "backoff.snapshot.interval", interval, "interval: " + interval + " (expected: > 0)");
    }
  }

  @Override
  @SuppressWarnings("unchecked") // by the type of the bean
  public Object postProcessAfterInitialization(Object bean, String beanName) {
    if (bean instanceof ConcurrentBackoffTable<?> table
        && TableFactory.isOfStrings(beanFactory, beanName)) {
      Path file = directory.resolve(URLEncoder.encode(beanName, UTF_8) + ".backoff");
      load((ConcurrentBackoffTable<String>) table, file);
      tables.put(file, (ConcurrentBackoffTable<String>) table);
    }
    return bean;
  }

  private static void load(ConcurrentBackoffTable<String> table, Path file) {
    try {
      int peers = Snapshots.load(table, name -> name, file);
      LOGGER.log(System.Logger.Level.INFO, "Restored {0} peers from {1}", peers, file);
    } catch (NoSuchFileException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "No snapshot yet: {0}", file);
    } catch (IOException | RuntimeException e) {
      LOGGER.log(System.Logger.Level.WARNING, "Started without the snapshot " + file, e);
    }
  }

  private synchronized void save() {
    tables.forEach((file, table) -> {
      try {
        Files.createDirectories(directory);
        Snapshots.save(table, name -> name, file);
      } catch (IOException | RuntimeException e) { // an exception would end the schedule
        LOGGER.log(System.Logger.Level.WARNING, "The snapshot was not saved: " + file, e);
      }
    });
  }

  @Override
  public synchronized void start() {
    // Not the application's scheduler, whose tasks would wait for the disk.
    ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = new Thread(task, "backoff-snapshot");
      thread.setDaemon(true);
      return thread;
    });
    long nanos = TimeUnit.NANOSECONDS.convert(interval);
    var unused = started.scheduleWithFixedDelay(this::save, nanos, nanos, TimeUnit.NANOSECONDS);
    scheduler = started;
  }

  @Override
  public synchronized void stop() {
    if (scheduler != null) {
      scheduler.shutdown(); // not interrupted as it saves
      scheduler = null;
      save();
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return scheduler != null;
  }

  /**
   * Stops after the servers and clients that still report outcomes, but before the logging of
   * Spring Boot, whose phase is {@code MIN_VALUE + 1}: the last save may have to log a warning.
   */
  @Override
  public int getPhase() {
    return Integer.MIN_VALUE + 2;
  }
}
