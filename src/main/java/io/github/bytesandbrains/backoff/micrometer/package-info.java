/** The meters of a backoff table, and of its sharing. */
@NullMarked
package io.github.bytesandbrains.backoff.micrometer;

import org.jspecify.annotations.NullMarked;
