/** The meters of a backoff table. */
@NullMarked
package io.github.bytesandbrains.backoff.micrometer;

import org.jspecify.annotations.NullMarked;
