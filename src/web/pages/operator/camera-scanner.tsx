import { Button } from '@mantine/core';
import IconCamera from '@tabler/icons-react/icons/IconCamera';
import { useEffect, useRef, useState } from 'react';
import { operatorWords as words } from '../../words/operator.ts';
import styles from './operator.module.css';

/** The Barcode Detection API, which only some browsers have, and none of the types that we use. */
type Detector = { detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]> };
const detectorOf = (): (new () => Detector) | undefined =>
  (globalThis as { BarcodeDetector?: new () => Detector }).BarcodeDetector;

const lookMs = 200;

export function CameraScanner({ heard }: { heard(code: string): void }) {
  const [isOpen, setOpen] = useState(false);
  if (!detectorOf()) return <p className={styles.quiet}>{words.noCamera}</p>;
  if (isOpen) {
    const found = (code: string): void => {
      setOpen(false);
      heard(code);
    };
    return <Camera found={found} close={() => setOpen(false)} />;
  }
  return (
    <Button size="lg" variant="default" leftSection={<IconCamera aria-hidden="true" />} onClick={() => setOpen(true)}>
      {words.camera}
    </Button>
  );
}

function Camera({ found, close }: { found(code: string): void; close(): void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [isRefused, setRefused] = useState(false);
  const latest = useRef(found);
  latest.current = found;
  useEffect(
    () =>
      watch(
        video.current,
        (code) => latest.current(code),
        () => setRefused(true),
      ),
    [],
  );
  return (
    <div className={styles.camera}>
      {isRefused ? <p role="alert">{words.cameraRefused}</p> : <p>{words.cameraLead}</p>}
      <video ref={video} autoPlay playsInline muted aria-label={words.camera} />
      <Button size="lg" variant="default" onClick={close}>
        {words.close}
      </Button>
    </div>
  );
}

/** Looks at the camera's picture until a code is in it; the answer ends it, and the camera with it. */
function watch(video: HTMLVideoElement | null, found: (code: string) => void, refused: () => void): () => void {
  const Known = detectorOf();
  let stream: MediaStream | undefined;
  let timer: number | undefined;
  let isOver = false;
  const begin = async (): Promise<void> => {
    if (!video || !Known) return;
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    if (isOver) return end();
    video.srcObject = stream;
    const detector = new Known();
    const look = async (): Promise<void> => {
      const [code] = video.readyState >= video.HAVE_CURRENT_DATA ? await detector.detect(video) : [];
      if (isOver) return;
      if (code) found(code.rawValue);
      else timer = window.setTimeout(() => void look().catch(refused), lookMs);
    };
    await look();
  };
  const end = (): void => {
    isOver = true;
    window.clearTimeout(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  begin().catch(refused);
  return end;
}
