/** What the rehearsal prints. */
@NullMarked
package io.github.bytesandbrains.backoff.demo.console;

import org.jspecify.annotations.NullMarked;
