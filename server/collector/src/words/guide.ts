// How to use it, as the inspector reads it on the phone: parts of steps, Chinese and English.
type Pair = readonly [string, string];
export type Part = { title: Pair; steps: readonly Pair[] };

export const GUIDE: readonly Part[] = [
  {
    title: ['出发前（有网络时）', 'Before you leave, with a network'],
    steps: [
      ['在“本机”页点“现在刷新”：检查单、学校、未销号问题和旧照片、上次的回答都会带上，没有网络也能用。', 'On “This phone”, tap “Refresh now”: checklists, schools, open findings with their photos and last answers come along and work without a network.'],
      ['在浏览器菜单里选“添加到主屏幕”，以后从主屏幕打开。苹果手机不这样做，七天不用就会被清空。', 'Choose “add to home screen” in the browser’s menu and open it from there. An iPhone that has not done so clears the app after seven days without use.'],
      ['在首页找学校：校名、编码、镇街或拼音首字母都行；点星标，放进今天要去的学校。', 'Find a school by name, code, town or the first letters of its pinyin; the star puts it among today’s.'],
    ],
  },
  {
    title: ['在学校里（不用网络）', 'In the school, without a network'],
    steps: [
      ['打开学校，选检查单，逐页回答。没有“保存”按钮：点一下就存好，顶上写着几点几分存的。关掉、没电、重启都不丢。', 'Open the school, choose a checklist, answer page by page. There is no save button: a tap is saved, the top line says when. Closing, an empty battery, a restart lose nothing.'],
      ['再点一次同一个选项，就是取消回答。“目录”列出每一部分和没有回答的题，点一下就到。', 'Tapping an answer again takes it back. “List” shows each part and what is missing; a tap leads there.'],
      ['“与上次相同”可以一键沿用，会记为“经确认”，不记为现场查看。', '“Same as last time” takes an answer over with one tap; it is recorded as confirmed, not as seen.'],
      ['红牌和部分达标要拍照。照片自动缩小、摆正，可以画箭头和圈；一题可以拍几张。', 'Red and partial answers want a photo. It is made smaller and upright by itself, you can draw an arrow or a circle, and there may be several.'],
      ['定位等到够准才记；嫌慢可点“就用这个”。离学校较远只提醒，不拦。', 'The position waits until it is exact enough; “use this” takes what there is. Far from the school it warns and does not stop you.'],
      ['字太小、太亮，或想一题一屏：点“…”，在“阅读”里改。', 'Small letters, too bright, one question at a time: “…”, then “Reading”.'],
    ],
  },
  {
    title: ['签字和反馈', 'Signing and the feedback sheet'],
    steps: [
      ['最后一页列出这次亮的牌和将要提出的问题，和学校一起看；学校有不同意见，写进“保留意见”。', 'The last page shows the lights so far and the findings to be proposed. Look at it together; what the school objects goes into its statement.'],
      ['点“完成”后出现现场反馈单：可以给学校看、打印、存成长图，或让学校扫二维码，都不用网络。微信里按住长图转发。', 'After “Finish” comes the feedback sheet: show it, print it, save it as a picture, or let the school scan its QR code, all without a network. Inside WeChat, press and hold the picture.'],
    ],
  },
  {
    title: ['发送', 'Sending'],
    steps: [
      ['有网络时打开本应用就会自动发，断了接着发，不会重复。“待发与已发”里写着“服务器已收到”才算送到。', 'It sends by itself while the app is open and there is a network; it resumes and never arrives twice. It has arrived when the queue says “Received by the server”.'],
      ['“被退回”的：看服务器的话和“怎么办”，取回修改后再完成。内容都在，没有丢。', 'Refused: read the server’s sentence and what to do, take it back, correct it, finish again. Nothing is lost.'],
      ['“审核退回”是督导室看过后请您补充的：打开就是原来的内容和意见，改好再完成。', 'Returned means the office asks for more: it opens with your answers and the remark; complete it and finish again.'],
    ],
  },
  {
    title: ['换手机、交接、丢失', 'Another phone, hand-over, loss'],
    steps: [
      ['没发出的可以在“本机”页导出成一个加密文件，用数据线或另一部手机导入后再发。口令至少8个字符，忘了打不开。', 'Unsent work can be exported on “This phone” as one encrypted file and imported on another phone. The passphrase has at least 8 characters; without it nobody opens the file.'],
      ['“退出登录”会清空本机内容，有没发出的会先提醒。', 'Signing out empties this phone; it warns about unsent work first.'],
      ['手机丢了，马上告诉督导室：可以远程退出，它下次联网时自动清空。', 'Lost the phone? Tell the office at once: they sign it out, and it empties itself at its next contact.'],
    ],
  },
];
