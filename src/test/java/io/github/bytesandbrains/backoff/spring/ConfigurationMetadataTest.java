package io.github.bytesandbrains.backoff.spring;

import static java.lang.reflect.Modifier.isStatic;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.bytesandbrains.backoff.BackoffTableBuilder;
import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.redis.RedisSharing;
import io.github.bytesandbrains.backoff.redis.RedisSharingBuilder;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** The metadata, which editors show, are those of the code. */
@Tag("spring")
final class ConfigurationMetadataTest {
  private static final Path FILE =
      Path.of("src/main/resources/META-INF/spring-configuration-metadata.json");

  private static Map<String, JsonObject> documented() throws IOException {
    Map<String, JsonObject> properties = new TreeMap<>();
    JsonObject file = JsonParser.parseString(Files.readString(FILE)).getAsJsonObject();
    for (JsonElement property : file.getAsJsonArray("properties")) {
      JsonObject object = property.getAsJsonObject();
      properties.put(object.get("name").getAsString(), object);
    }
    return properties;
  }

  private static void addTypes(Class<?> type, String prefix, Map<String, String> types) {
    for (Method setter : ReflectionUtils.getUniqueDeclaredMethods(
        type, method -> method.getName().startsWith("set") && !isStatic(method.getModifiers()))) {
      String property = setter.getName().substring("set".length());
      String kebab = property.replaceAll("(?<!^)(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
      String name = prefix + "." + kebab;
      Class<?> simple = setter.getParameterTypes()[0];
      if (simple.getNestHost() != simple && !simple.isEnum()) {
        addTypes(simple, name, types);
      } else {
        String typeName = setter.getGenericParameterTypes()[0] instanceof Class<?>
            ? ClassUtils.resolvePrimitiveIfNecessary(simple).getName()
            : setter.getGenericParameterTypes()[0].getTypeName().replace(" ", "");
        types.put(name, typeName);
      }
    }
  }

  private static BackoffProperties bind(Map<String, ?> properties) {
    return new Binder(new MapConfigurationPropertySource(properties))
        .bindOrCreate("backoff", BackoffProperties.class);
  }

  private static ConcurrentBackoffTable<String> table(BackoffProperties properties) {
    BackoffTableBuilder builder = ConcurrentBackoffTable.builder();
    properties.configure(builder);
    return builder.build();
  }

  private static RedisSharingBuilder<String> sharing() {
    RedisClient client = RedisClient.create(); // connects to nothing
    try {
      return RedisSharing.builder(
          ConcurrentBackoffTable.<String>create(), client, peer -> peer, peer -> peer);
    } finally {
      client.shutdown();
    }
  }

  @Test
  void metadata_everyProperty_isOfTheCodeWithItsType() throws IOException {
    Map<String, String> types = new TreeMap<>();
    types.put("backoff.enabled", "java.lang.Boolean");
    addTypes(BackoffProperties.class, "backoff", types);

    Map<String, String> documented = new TreeMap<>();
    documented()
        .forEach((name, property) -> documented.put(name, property.get("type").getAsString()));

    assertThat(documented).containsExactlyEntriesOf(types);
  }

  @Test
  void metadata_everyProperty_hasADescription() throws IOException {
    assertThat(documented().values())
        .allSatisfy(property ->
            assertThat(property.get("description").getAsString()).matches("[A-Z].+\\."));
  }

  @Test
  void metadata_everyDefault_isThatOfTheCode() throws IOException {
    Map<String, String> defaults = new TreeMap<>();
    Map<String, JsonObject> documented = documented();
    documented.forEach((name, property) -> {
      if (property.has("defaultValue")) {
        defaults.put(name, property.get("defaultValue").getAsString());
      }
    });

    BackoffProperties bound = bind(defaults);
    BackoffProperties none = bind(Map.of());

    assertThat(documented.keySet().stream().filter(name -> !defaults.containsKey(name)))
        .containsExactly(
            "backoff.health.maximum-cooling",
            "backoff.idle-timeout",
            "backoff.max-advisory",
            "backoff.redis.namespace",
            "backoff.redis.node-id",
            "backoff.snapshot.directory",
            "backoff.tables");
    assertThat(bound)
        .usingRecursiveComparison()
        .comparingOnlyFields("metrics", "snapshot", "health", "redis.enabled")
        .isEqualTo(none);
    RedisSharingBuilder<String> sharing = sharing();
    assertThat(sharing
            .quorum(requireNonNull(bound.redis.quorum))
            .maxAdopted(requireNonNull(bound.redis.maxAdopted)))
        .usingRecursiveComparison()
        .comparingOnlyFields("quorum", "maxAdopted")
        .isEqualTo(sharing());
    ConcurrentBackoffTable<String> table = table(bound);
    ConcurrentBackoffTable<String> expected = table(none);
    assertThat(table.schedule()).hasToString(expected.schedule().toString());
    assertThat(table.maxAdvisory()).isEqualTo(expected.maxAdvisory());
    assertThat(table.advisoryJitter()).isEqualTo(expected.advisoryJitter());
    assertThat(table.probeLease()).isEqualTo(expected.probeLease());
    assertThat(table.idleTimeout()).isEqualTo(expected.idleTimeout());
    assertThat(table.maximumPeers()).isEqualTo(expected.maximumPeers());
  }
}
