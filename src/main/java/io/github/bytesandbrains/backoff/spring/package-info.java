/** Auto-configuration for Spring Boot. */
@NullMarked
package io.github.bytesandbrains.backoff.spring;

import org.jspecify.annotations.NullMarked;
