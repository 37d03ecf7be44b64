/** An application of Spring Boot, with its configuration in {@code src/examples/resources}. */
@NullMarked
package io.github.bytesandbrains.backoff.examples.spring;

import org.jspecify.annotations.NullMarked;
