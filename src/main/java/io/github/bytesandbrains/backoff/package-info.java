/** A thread-safe table of exponential backoff per peer. */
@NullMarked
package io.github.bytesandbrains.backoff;

import org.jspecify.annotations.NullMarked;
