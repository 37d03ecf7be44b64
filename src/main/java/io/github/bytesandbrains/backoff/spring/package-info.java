/**
 * Auto-configuration for Spring Boot 3.5 and 4: tables, their meters, an Actuator endpoint,
 * snapshots and sharing, by {@code backoff.*} alone. The page on Spring Boot in {@code src/docs}
 * lists the properties.
 */
@NullMarked
package io.github.bytesandbrains.backoff.spring;

import org.jspecify.annotations.NullMarked;
