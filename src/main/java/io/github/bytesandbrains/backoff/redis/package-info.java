/** Sharing by Redis. */
@NullMarked
package io.github.bytesandbrains.backoff.redis;

import org.jspecify.annotations.NullMarked;
