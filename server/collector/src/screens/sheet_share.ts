// The feedback sheet as a picture: to be pressed and held (the only way inside WeChat), shared, or kept as a file.
import { t } from '../words';
import { button, h, save } from './dom';
import { say, sheet } from './overlay';
import type { SheetContent } from './sheet_content';

/** Makes the picture and shows it; `read` gives the bytes of a photo or signature. */
export async function asPicture(content: SheetContent, read: (name: string) => Promise<Blob | null>, pressed: HTMLButtonElement): Promise<void> {
  pressed.disabled = true;
  say(t('sheet.picture.making'));
  try {
    const { drawSheet } = await import('./sheet_picture');
    const file = new File([await drawSheet(content, read)], `${content.name}.png`, { type: 'image/png' });
    const source = await addressOf(file);
    document.querySelector('.said')?.remove();
    sheet(t('sheet.title'), [h('p', {}, t('sheet.picture.words')), h('div', { class: 'buttons' }, ways(file)),
      h('img', { class: 'sheet-picture', src: source, alt: t('sheet.picture.alt') })]);
  } catch (error) {
    console.warn(error);
    say(t('sheet.picture.failed'));
  } finally {
    pressed.disabled = false;
  }
}

/** What this browser can do with a file. */
function ways(file: File): HTMLElement[] {
  const data = { files: [file], title: file.name };
  const share = () => void navigator.share(data).catch(() => undefined); // Whoever turned back has turned back.
  return [
    ...(navigator.canShare?.(data) ? [button(t('sheet.picture.share'), share, { icon: 'share', kind: 'btn-main' })] : []),
    ...(/MicroMessenger/i.test(navigator.userAgent) ? [] : [button(t('sheet.picture.save'), () => save(file, file.name))]),
  ];
}

/** As data:, for WeChat saves no blob: picture. */
function addressOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(file);
  });
}
