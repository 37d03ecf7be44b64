package io.github.bytesandbrains.backoff.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents and the examples show the same code. */
final class QuotedExamplesTest {
  private static final Path PACKAGE_INFO =
      Path.of("src/main/java/io/github/bytesandbrains/backoff/package-info.java");
  private static final Pattern REGION = Pattern.compile("(?s)\n *// quoted\n(.*?)\n *// end\n");
  private static final Pattern FENCE = Pattern.compile("(?s)```java\n(.*?)\n```");
  private static final Pattern JAVADOC = Pattern.compile("(?s)<pre>\\{@code\n(.*?)\n \\* }</pre>");

  private static List<Path> files(String folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private static List<String> found(Pattern pattern, Path file) {
    try {
      return pattern
          .matcher(Files.readString(file))
          .results()
          .map((MatchResult match) -> match.group(1).stripIndent())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> regions() throws IOException {
    return files("src/examples/java", ".java").stream()
        .flatMap(file -> found(REGION, file).stream())
        .toList();
  }

  private static List<String> samplesOf(List<Path> documents) {
    return documents.stream().flatMap(file -> found(FENCE, file).stream()).toList();
  }

  private static List<String> samplesOfPackages(List<Path> packageInfos) {
    return packageInfos.stream()
        .flatMap(file -> found(JAVADOC, file).stream())
        .map(sample -> sample.replaceAll("(?m)^\\* ?", "").stripIndent())
        .toList();
  }

  @Test
  void readme_everySample_isARegionOfAnExample() throws IOException {
    assertThat(samplesOf(List.of(Path.of("README.md")))).isNotEmpty().isSubsetOf(regions());
  }

  @Test
  void docs_everySample_isARegionOfAnExample() throws IOException {
    assertThat(samplesOf(files("src/docs", ".md"))).isNotEmpty().isSubsetOf(regions());
  }

  @Test
  void packageDocumentation_everySample_isARegionOfAnExample() throws IOException {
    assertThat(samplesOfPackages(List.of(PACKAGE_INFO))).isNotEmpty().isSubsetOf(regions());
  }

  @Test
  void examples_everyRegion_isQuoted() throws IOException {
    List<String> quotes =
        new ArrayList<>(samplesOfPackages(files("src/main/java", "package-info.java")));
    quotes.addAll(samplesOf(List.of(Path.of("README.md"))));
    quotes.addAll(samplesOf(files("src/docs", ".md")));

    assertThat(regions()).hasSizeGreaterThanOrEqualTo(5).isSubsetOf(quotes);
  }
}
