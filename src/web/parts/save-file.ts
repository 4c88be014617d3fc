/** Into the folder of downloads, under a name that a file system takes. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 100);
  link.click();
  URL.revokeObjectURL(url);
}
