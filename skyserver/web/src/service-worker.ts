/** Addresses of the page's files, relative to it; the build fills them in. */
declare const __SITE_FILES__: readonly string[];

console.debug(__SITE_FILES__);
